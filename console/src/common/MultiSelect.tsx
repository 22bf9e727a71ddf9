import { Badge, MenuToggle, Select, SelectList, SelectOption } from '@patternfly/react-core';
import { useState } from 'react';

interface MultiSelectProperties {
  name: string;
  choices: { value: string; name: string }[];
  chosen: string[];
  onToggle: (value: string) => void;
}

/** A filter that takes several values: any of them. */
export function MultiSelect({ name, choices, chosen, onToggle }: MultiSelectProperties) {
  const [open, setOpen] = useState(false);
  return (
    <Select
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={(_event, value) => onToggle(String(value))}
      toggle={(ref) => (
        <MenuToggle ref={ref} isExpanded={open} onClick={() => setOpen(!open)}>
          {name} {chosen.length > 0 && <Badge isRead>{chosen.length}</Badge>}
        </MenuToggle>
      )}
    >
      <SelectList aria-label={name}>
        {choices.map((choice) => (
          <SelectOption
            key={choice.value}
            value={choice.value}
            hasCheckbox
            isSelected={chosen.includes(choice.value)}
          >
            {choice.name}
          </SelectOption>
        ))}
      </SelectList>
    </Select>
  );
}
