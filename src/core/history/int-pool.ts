/**
 * Many small Int32Arrays cut from one allocation: a history has a hundred of them, and each allocation of its own costs
 * more than filling it.
 */
export class IntPool {
  private readonly all: Int32Array;
  private used = 0;

  /** `size`: how many numbers will be taken in all. */
  constructor(size: number) {
    this.all = new Int32Array(size);
  }

  zeros(length: number): Int32Array {
    this.used += length;
    return this.all.subarray(this.used - length, this.used);
  }

  /** Every `step`-th of `values`, from `first` on. */
  copy(values: readonly number[], first = 0, step = 1): Int32Array {
    const from = this.used;
    for (let i = first; i < values.length; i += step) this.all[this.used++] = values[i]!;
    return this.all.subarray(from, this.used);
  }
}
