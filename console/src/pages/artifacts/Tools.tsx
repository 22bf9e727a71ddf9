import {
  FormSelect,
  FormSelectOption,
  MenuToggle,
  SearchInput,
  Select,
  SelectList,
  SelectOption,
} from '@patternfly/react-core';
import { useEffect, useRef, useState } from 'react';

import { columns, columnsParameter } from './columns';
import { changed, type Filter, shortestSearch } from './filter';

type Change = (parameters: URLSearchParams) => void;

const typingEnds = 300;

/** Searches when typing pauses. What comes from elsewhere (a link, a chip) replaces what was typed. */
export function Search({ q, onSearch }: { q: string; onSearch: (q: string) => void }) {
  const [typed, setTyped] = useState(q);
  const [last, setLast] = useState(q);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  if (q !== last) {
    setLast(q);
    if (q !== typed.trim()) setTyped(q);
  }
  useEffect(() => () => clearTimeout(timer.current), []);
  const search = (text: string, wait: number) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onSearch(text.trim()), wait);
  };
  const short = typed.trim().length > 0 && typed.trim().length < shortestSearch;
  return (
    <div className="ev-artifacts-search">
      <SearchInput
        aria-label="Search in title and upstream id"
        placeholder="Title or upstream id"
        value={typed}
        onChange={(_event, value) => search(value, typingEnds)}
        onClear={() => search('', 0)}
      />
      {short && <span className="ev-quiet">At least {shortestSearch} characters</span>}
    </div>
  );
}

const orders: [Filter['sort'], string][] = [
  ['id', 'First seen first'],
  ['-id', 'Last seen first'],
  ['-changed', 'Last changed first'],
];
const removals: [Filter['removed'], string][] = [
  ['', 'Not removed'],
  ['true', 'Removed ones too'],
  ['only', 'Only removed'],
];

interface ChoiceProperties {
  label: string;
  value: string;
  options: [value: string, text: string][];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProperties) {
  return (
    <FormSelect
      aria-label={label}
      value={value}
      onChange={(_event, chosen) => onChange(chosen)}
      className="ev-artifacts-choice"
    >
      {options.map(([each, text]) => (
        <FormSelectOption key={each} value={each} label={text} />
      ))}
    </FormSelect>
  );
}

interface Properties {
  parameters: URLSearchParams;
  onChange: Change;
}

export function Order({ filter, parameters, onChange }: Properties & { filter: Filter }) {
  return (
    <>
      <Choice
        label="Removed artifacts"
        value={filter.removed}
        options={removals}
        onChange={(removed) => onChange(changed(parameters, { removed }))}
      />
      <Choice
        label="Order"
        value={filter.sort}
        options={orders}
        onChange={(sort) => onChange(changed(parameters, { sort: sort === 'id' ? '' : sort }))}
      />
    </>
  );
}

/** Which columns are shown. */
export function ColumnChooser({ chosen, parameters, onChange }: Properties & { chosen: string[] }) {
  const [open, setOpen] = useState(false);
  const toggle = (name: string) => {
    const names = chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name];
    onChange(changed(parameters, { columns: columnsParameter(names) }));
  };
  return (
    <Select
      role="menu"
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={(_event, name) => toggle(String(name))}
      popperProps={{ position: 'end', appendTo: 'inline' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={open} onClick={() => setOpen(!open)}>
          Columns
        </MenuToggle>
      )}
    >
      <SelectList>
        {columns.map((column) => (
          <SelectOption key={column.name} value={column.name} hasCheckbox isSelected={chosen.includes(column.name)}>
            {column.title}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
