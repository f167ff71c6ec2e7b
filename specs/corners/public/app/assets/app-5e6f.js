export const part = "app";
