export const half = 12;
export const height = 8;
