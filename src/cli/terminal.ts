/** Where a command's output goes. Data goes to `out`, everything for the person at the keyboard to `err`. */

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Columns to fit into; 80 where the output is no terminal, so that piped text does not depend on a window. */
  readonly columns: number;
  /** Is a person watching stderr? Only then there is a progress bar. */
  readonly interactive: boolean;
  readonly colour: boolean;
}

export type Colour = 'red' | 'yellow' | 'green' | 'dim' | 'bold';
const CODES: Record<Colour, number> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/** `text` in a colour where colours are wanted. */
export function painted(terminal: Pick<Terminal, 'colour'>, colour: Colour | undefined, text: string): string {
  return terminal.colour && colour !== undefined ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
}

const BAND_COLOURS: Readonly<Record<string, Colour>> = {
  healthy: 'green',
  neutral: 'yellow',
  at_risk: 'red',
  critical: 'red',
};

export function bandColour(band: string | null): Colour | undefined {
  return band === null ? 'dim' : BAND_COLOURS[band];
}
