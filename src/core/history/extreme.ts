/** The lowest or the highest of a stretch of a series, for stretches that move forward from question to question. */
export class Extreme {
  readonly #sign: 1 | -1;
  #series: ArrayLike<number> | undefined;
  #from = 0;
  #to = -1;
  /** Where it is; the last place of equal ones. */
  #at = -1;

  constructor(which: 'lowest' | 'highest') {
    this.#sign = which === 'lowest' ? 1 : -1;
  }

  /** Of `series[from..to]`, both ends included; undefined where that is empty. Only what is new is looked at. */
  of(series: ArrayLike<number>, from: number, to: number): number | undefined {
    if (to < from) return undefined;
    const goesOn = series === this.#series && from >= this.#from && from <= this.#at && to >= this.#to;
    const sign = this.#sign;
    let at = goesOn ? this.#at : from;
    for (let i = goesOn ? this.#to + 1 : from + 1; i <= to; i++) if (sign * series[i]! <= sign * series[at]!) at = i;
    this.#series = series;
    this.#from = from;
    this.#to = to;
    this.#at = at;
    return series[at];
  }
}
