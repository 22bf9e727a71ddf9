import { Button, Checkbox, ExpandableSection, SearchInput } from '@patternfly/react-core';
import { useState } from 'react';

import type { Facet } from '../../api/artifacts';
import { stateText } from '../../common/ArtifactState';
import { countText, plural, wordsOf } from '../../common/format';
import { facetNames, type FacetName } from './filter';

type Value = Facet['values'][number];
export type Choose = (name: FacetName, value: string) => void;

const few = 6;
export const fewValues = 50;
export const manyValues = 500;

/** How a value is called. */
export function labelOf(name: string, { value, label }: Pick<Value, 'value' | 'label'>): string {
  if (name === 'state') return stateText(value);
  return name === 'kind' && label === value ? wordsOf(value) : label;
}

/** What is chosen stays in sight, though nothing of it is left. */
function withChosen(values: Value[], chosen: string[]): Value[] {
  const missing = chosen.filter((value) => !values.some((each) => each.value === value));
  return [...values, ...missing.map((value) => ({ value, label: value, count: 0 }))];
}

interface FacetProperties {
  name: FacetName;
  facet: Facet;
  chosen: string[];
  onChoose: Choose;
  /** More values than were asked for are wanted. */
  onMore: () => void;
}

function Group({ name, facet, chosen, onChoose, onMore }: FacetProperties) {
  const [open, setOpen] = useState(true);
  const [whole, setWhole] = useState(false);
  const [typed, setTyped] = useState('');
  const values = withChosen(facet.values, chosen);
  const wanted = typed.trim().toLowerCase();
  const found = values.filter((each) => labelOf(name, each).toLowerCase().includes(wanted));
  const shown = whole ? found : found.filter((each, index) => index < few || chosen.includes(each.value));
  const hidden = found.length - shown.length + facet.other;
  const title = wordsOf(name);
  return (
    <ExpandableSection
      toggleContent={chosen.length === 0 ? title : `${title} (${chosen.length})`}
      isExpanded={open}
      onToggle={(_event, expanded) => setOpen(expanded)}
      isIndented
      className="ev-facet"
    >
      {whole && values.length > few && (
        <SearchInput
          aria-label={`Search in ${title.toLowerCase()}`}
          placeholder="Search"
          value={typed}
          onChange={(_event, value) => setTyped(value)}
          onClear={() => setTyped('')}
        />
      )}
      <div role="group" aria-label={title} className="ev-facet-values">
        {shown.map((each) => (
          <Checkbox
            key={each.value}
            id={`facet-${name}-${each.value}`}
            isChecked={chosen.includes(each.value)}
            onChange={() => onChoose(name, each.value)}
            label={
              <span className="ev-facet-value">
                <bdi className="ev-clamp" title={labelOf(name, each)}>
                  {labelOf(name, each)}
                </bdi>
                <span className="ev-quiet ev-number">{countText(each.count)}</span>
              </span>
            }
          />
        ))}
        {found.length === 0 && <span className="ev-quiet">No such value</span>}
      </div>
      {facet.none > 0 && <p className="ev-quiet">{`${countText(facet.none)} without a ${title.toLowerCase()}`}</p>}
      {!whole && hidden > 0 && (
        <Button
          variant="link"
          isInline
          onClick={() => {
            setWhole(true);
            if (facet.other > 0) onMore();
          }}
        >
          Show more
        </Button>
      )}
      {whole && facet.other > 0 && (
        <p className="ev-quiet">{plural(facet.other, 'artifact')} of further values: search or filter to see them.</p>
      )}
    </ExpandableSection>
  );
}

interface Properties {
  facets: Facet[];
  chosen: Record<FacetName, string[]>;
  onChoose: Choose;
  onMore: () => void;
}

/** What the list can be narrowed by, with how many there are of each. */
export function Facets({ facets, chosen, onChoose, onMore }: Properties) {
  return facetNames.map((name) => {
    const facet = facets.find((each) => each.name === name);
    if (facet === undefined || (facet.values.length === 0 && chosen[name].length === 0)) return null;
    return (
      <Group key={name} name={name} facet={facet} chosen={chosen[name]} onChoose={onChoose} onMore={onMore} />
    );
  });
}
