import {
  Badge,
  MenuSearch,
  MenuSearchInput,
  MenuToggle,
  SearchInput,
  Select,
  SelectList,
  SelectOption,
} from '@patternfly/react-core';
import { useState } from 'react';

export interface Choice {
  value: string;
  name: string;
  hint?: string | undefined;
}

interface MultiSelectProperties {
  name: string;
  choices: Choice[];
  chosen: string[];
  onToggle: (value: string) => void;
}

const shownAtMost = 100;
const searchedFrom = 10;

/** Those to list. What is chosen stays in sight, even where nobody knows it any more. */
function listed({ choices, chosen }: MultiSelectProperties, typed: string): Choice[] {
  const known = new Set(choices.map((choice) => choice.value));
  const unknown: Choice[] = chosen.filter((value) => !known.has(value)).map((value) => ({ value, name: value }));
  const words = typed.trim().toLowerCase();
  return [...unknown, ...choices].filter((choice) => `${choice.name} ${choice.hint ?? ''}`.toLowerCase().includes(words));
}

/** A filter that takes several values: any of them. A long list of them can be searched. */
export function MultiSelect(properties: MultiSelectProperties) {
  const { name, choices, chosen, onToggle } = properties;
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const found = open ? listed(properties, typed) : [];
  return (
    <Select
      isOpen={open}
      isScrollable
      onOpenChange={setOpen}
      onSelect={(_event, value) => onToggle(String(value))}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={open} onClick={() => setOpen(!open)}>
          {name} {chosen.length > 0 && <Badge isRead>{chosen.length}</Badge>}
        </MenuToggle>
      )}
    >
      {choices.length >= searchedFrom && (
        <MenuSearch>
          <MenuSearchInput>
            <SearchInput aria-label={`Search ${name}`} value={typed} onChange={(_event, text) => setTyped(text)} />
          </MenuSearchInput>
        </MenuSearch>
      )}
      <SelectList aria-label={name}>
        {found.slice(0, shownAtMost).map((choice) => (
          <SelectOption
            key={choice.value}
            value={choice.value}
            hasCheckbox
            isSelected={chosen.includes(choice.value)}
            description={choice.hint}
          >
            <bdi className="ev-wrap">{choice.name}</bdi>
          </SelectOption>
        ))}
        {found.length > shownAtMost && (
          <SelectOption isDisabled>{`${found.length - shownAtMost} more: search for them`}</SelectOption>
        )}
        {found.length === 0 && <SelectOption isDisabled>None</SelectOption>}
      </SelectList>
    </Select>
  );
}
