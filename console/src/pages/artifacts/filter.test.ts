import { describe, expect, it } from 'vitest';

import { apiUrlOf, changed, chipsOf, commandLineOf, filterOf, queryOf, toggled, unfiltered } from './filter';

const of = (query: string) => new URLSearchParams(query);

describe('the filter of an address', () => {
  it('takes values that are repeated together', () => {
    const filter = filterOf(of('kind=commit&kind=group&repository=acme%2Fweb'));
    expect(queryOf(filter)).toEqual({ kind: ['commit', 'group'], repository: ['acme/web'] });
  });
  it('leaves out what the API would refuse', () => {
    expect(queryOf(filterOf(of('q=a&removed=perhaps&sort=colour')))).toEqual({});
    expect(filterOf(of('sort=colour')).sort).toBe('id');
  });
  it('is an address of the API and a command', () => {
    const filter = filterOf(of('kind=commit&q=fix%20it&sort=-changed&removed=only&columns=kind'));
    expect(apiUrlOf(filter)).toBe('/v1/artifacts?kind=commit&q=fix+it&removed=only&sort=-changed');
    expect(commandLineOf(filter)).toBe(
      "evidenced artifact list --kind commit --search 'fix it' --removed only --sort -changed",
    );
  });
});

describe('a change of the address', () => {
  it('chooses a value, and takes it away again, and leaves the rest', () => {
    const chosen = toggled(of('kind=commit&sort=-id'), 'kind', 'group');
    expect(chosen.getAll('kind')).toEqual(['commit', 'group']);
    expect(toggled(chosen, 'kind', 'commit').toString()).toBe('sort=-id&kind=group');
  });
  it('removes what is empty', () => {
    expect(changed(of('q=fix&sort=-id'), { q: '' }).toString()).toBe('sort=-id');
  });
  it('clears filters and keeps order and columns', () => {
    const rest = unfiltered(of('kind=a&q=fix&removed=only&sort=-id&columns=kind%2Cstate&changed_since=1'));
    expect(rest.toString()).toBe('sort=-id&columns=kind%2Cstate');
  });
  it('names each filter, with the address without it', () => {
    const chips = chipsOf(of('kind=a&kind=b&q=fix'));
    expect(chips.map(({ name, value }) => `${name} ${value}`)).toEqual(['kind a', 'kind b', 'q fix']);
    expect(chips[0]?.without.toString()).toBe('q=fix&kind=b');
  });
});
