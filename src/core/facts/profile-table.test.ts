import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountProfile } from './profile.ts';
import { intervalsOn, PackedProfile, packProfiles } from './profile-table.ts';

const day = fc.integer({ min: -3_000, max: 3_000_000 });
const days = fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'long name'), day, { maxKeys: 4 });
const profile: fc.Arbitrary<AccountProfile> = fc.record({
  segment: fc.option(fc.constantFrom('smb', 'enterprise', '')),
  isTest: fc.boolean(),
  startDay: day,
  plans: fc.array(fc.tuple(day, fc.option(fc.constantFrom('pro', 'smb')), fc.boolean()), { maxLength: 3 }),
  milestoneDays: days,
  adoptedProducts: days,
  activeIntervals: fc.array(fc.tuple(day, day), { maxLength: 3 }),
});

describe('packed profiles', () => {
  it('say what the customers’ profiles say, in their order, and leave out test accounts', () => {
    fc.assert(
      fc.property(fc.array(profile, { maxLength: 6 }), day, (profiles, asked) => {
        const { texts, cells } = packProfiles(profiles, false);
        const textAt = (at: number) => (at < 0 ? null : texts[at]);
        const ids = (add: (to: Set<number>) => void) => {
          const found = new Set<number>();
          add(found);
          return [...found];
        };
        let at = 0;
        for (const { segment, startDay, plans, milestoneDays, adoptedProducts, isTest } of profiles) {
          if (isTest) continue;
          const packed = new PackedProfile(cells, at);
          const [, plan, isTrial] = plans.findLast(([from]) => from <= asked) ?? [0, null, false];
          expect([textAt(packed.segment), packed.startDay]).toEqual([segment, startDay]);
          expect(textAt(packed.paidPlanOn(asked))).toEqual(isTrial ? null : plan);
          expect(ids((to) => packed.addMilestones(to)).map((id) => [textAt(id), packed.milestoneDay(id)])).toEqual(
            Object.entries(milestoneDays),
          );
          expect(ids((to) => packed.addProducts(to)).map((id) => [textAt(id), packed.productDay(id)])).toEqual(
            Object.entries(adoptedProducts),
          );
          expect(packed.milestoneDay(texts.length)).toBeUndefined();
          at = packed.end;
        }
        expect(at).toBe(cells.length);
      }),
    );
  });

  it('keep the days of use only where they are asked for', () => {
    const used: AccountProfile = {
      segment: null,
      isTest: false,
      startDay: 0,
      plans: [],
      milestoneDays: {},
      adoptedProducts: {},
      activeIntervals: [
        [5, 9],
        [20, 29],
      ],
      featureIntervals: { search: [[5, 6]] },
    };
    expect(packProfiles([used], false).use).toBeUndefined();
    const { active, features } = packProfiles([used, { ...used, isTest: true }, used], true).use!;
    expect([4, 5, 9, 10, 20].map((each) => intervalsOn(active, each))).toEqual([0, 2, 2, 0, 2]);
    expect(features.map(([id, uses]) => [id, intervalsOn(uses, 6), intervalsOn(uses, 7)])).toEqual([['search', 2, 0]]);
  });
});
