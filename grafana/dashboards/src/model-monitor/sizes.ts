export const [third, half] = [8, 12];
export const height = 8;
