import {
  Label,
  SearchInput,
  Toolbar,
  ToolbarContent,
  ToolbarItem,
} from '@patternfly/react-core';

import { plural } from '../../common/format';
import { MultiSelect } from '../../common/MultiSelect';
import { healthWords } from '../../common/status';
import type { useFilters } from '../../common/urlFilters';

const healths = Object.entries(healthWords).map(([value, word]) => ({ value, name: word.text }));
const states = [
  { value: 'active', name: 'Active' },
  { value: 'paused', name: 'Paused' },
  { value: 'needs_credential', name: 'Needs a credential' },
  { value: 'deleted', name: 'Deleted' },
];

interface SourcesToolbarProperties {
  filters: ReturnType<typeof useFilters>;
  shown: number;
  total: number;
}

export function SourcesToolbar({ filters, shown, total }: SourcesToolbarProperties) {
  return (
    <Toolbar ouiaId="sources" inset={{ default: 'insetNone' }}>
      <ToolbarContent>
        <ToolbarItem>
          <SearchInput
            aria-label="Name or tag"
            placeholder="Name or tag"
            value={filters.one('name')}
            onChange={(_event, value) => filters.set('name', value)}
            onClear={() => filters.set('name', null)}
          />
        </ToolbarItem>
        <ToolbarItem>
          <MultiSelect
            name="Status"
            choices={healths}
            chosen={filters.all('health')}
            onToggle={(value) => filters.toggle('health', value)}
          />
        </ToolbarItem>
        <ToolbarItem>
          <MultiSelect
            name="State"
            choices={states}
            chosen={filters.all('state')}
            onToggle={(value) => filters.toggle('state', value)}
          />
        </ToolbarItem>
        {['tag', 'workspace'].flatMap((name) =>
          filters.all(name).map((value) => (
            <ToolbarItem key={name + value} alignSelf="center">
              <Label onClose={() => filters.toggle(name, value)} closeBtnAriaLabel={`Remove ${name} ${value}`}>
                {name}: {value}
              </Label>
            </ToolbarItem>
          )),
        )}
        <ToolbarItem align={{ default: 'alignEnd' }} alignSelf="center" className="ev-quiet">
          {shown === total ? plural(total, 'source') : `${shown} of ${plural(total, 'source')}`}
        </ToolbarItem>
      </ToolbarContent>
    </Toolbar>
  );
}
