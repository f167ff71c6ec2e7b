import ms from "ms";

export const told = ["core", "minute", ms("1m")];
