export const cog = 1;
