import { Button, Label } from '@patternfly/react-core';
import { useNavigate } from 'react-router';

import { wordsOf } from '../../common/format';
import { type Chip, chipsOf, unfiltered } from './filter';

const words: Record<string, string> = { q: 'Search', changed_since: 'Changed since' };
const removals: Record<string, string> = { true: 'also listed', only: 'nothing else' };

interface Properties {
  parameters: URLSearchParams;
  labelOf: (name: string, value: string) => string;
  onChange: (parameters: URLSearchParams) => void;
}

function Filtering({ chip, labelOf, onChange }: { chip: Chip } & Omit<Properties, 'parameters'>) {
  const name = words[chip.name] ?? wordsOf(chip.name);
  const value = chip.name === 'removed' ? (removals[chip.value] ?? chip.value) : labelOf(chip.name, chip.value);
  return (
    <li>
      <Label
        isCompact
        color="blue"
        textMaxWidth="20rem"
        onClose={() => onChange(chip.without)}
        closeBtnAriaLabel={`Take away the filter ${name}: ${value}`}
      >
        {name}: <bdi>{value}</bdi>
      </Label>
    </li>
  );
}

/** The filters that hold, each to be taken away. */
export function Chips({ parameters, labelOf, onChange }: Properties) {
  const chips = chipsOf(parameters);
  if (chips.length === 0) return null;
  return (
    <ul className="ev-chips" aria-label="Filters that hold">
      {chips.map((chip) => (
        <Filtering key={`${chip.name} ${chip.value}`} chip={chip} labelOf={labelOf} onChange={onChange} />
      ))}
      <li>
        <Button variant="link" size="sm" isInline onClick={() => onChange(unfiltered(parameters))}>
          Clear filters
        </Button>
      </li>
    </ul>
  );
}

/** A button that clears every filter, for where they leave nothing. */
export function ClearFilters({ parameters }: { parameters: URLSearchParams }) {
  const navigate = useNavigate();
  return (
    <Button variant="link" onClick={() => void navigate({ search: unfiltered(parameters).toString() })}>
      Clear filters
    </Button>
  );
}
