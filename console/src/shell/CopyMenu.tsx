import { Dropdown, DropdownItem, DropdownList, MenuToggle } from '@patternfly/react-core';
import CopyIcon from '@patternfly/react-icons/dist/esm/icons/copy-icon';
import { useState } from 'react';

import { curlOf } from '../common/commands';
import { announce } from './announce';
import { usePageFacts } from './page';

/** Copies what the page shows as a request, a command or a link. */
export function CopyMenu() {
  const [open, setOpen] = useState(false);
  const { apiUrl, command } = usePageFacts();
  const choices = [
    { name: 'curl', text: apiUrl === undefined ? undefined : curlOf(apiUrl) },
    { name: 'CLI command', text: command },
    { name: 'link', text: window.location.href },
  ];
  const copy = async (name: string, text: string) => {
    setOpen(false);
    await navigator.clipboard.writeText(text).then(
      () => announce(`Copied as ${name}`),
      () => announce('The browser did not allow to copy'),
    );
  };
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      popperProps={{ position: 'end' }}
      toggle={(ref) => (
        <MenuToggle
          ref={ref}
          variant="plain"
          isExpanded={open}
          onClick={() => setOpen(!open)}
          aria-label="Copy this page as"
          icon={<CopyIcon />}
        />
      )}
    >
      <DropdownList>
        {choices.map(
          ({ name, text }) =>
            text !== undefined && (
              <DropdownItem key={name} description={text} onClick={() => void copy(name, text)}>
                Copy as {name}
              </DropdownItem>
            ),
        )}
      </DropdownList>
    </Dropdown>
  );
}
