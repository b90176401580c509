/** Widths of panels, of 24 columns, and the height of most. */
export const [third, half] = [8, 12];
export const height = 7;
