import { DropdownItem, DropdownList } from '@patternfly/react-core';
import CopyIcon from '@patternfly/react-icons/dist/esm/icons/copy-icon';

import { curlOf } from '../common/commands';
import { IconMenu } from '../common/IconMenu';
import { announce } from './announce';
import { usePageFacts } from './page';

/** Copies what the page shows as a request, a command or a link. */
export function CopyMenu() {
  const { apiUrl, command } = usePageFacts();
  const choices = [
    { name: 'curl', text: apiUrl === undefined ? undefined : curlOf(apiUrl) },
    { name: 'CLI command', text: command },
    { name: 'link', text: window.location.href },
  ];
  const copy = async (name: string, text: string) => {
    await navigator.clipboard.writeText(text).then(
      () => announce(`Copied as ${name}`),
      () => announce('The browser did not allow to copy'),
    );
  };
  return (
    <IconMenu label="Copy this page as" icon={<CopyIcon />}>
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
    </IconMenu>
  );
}
