import { Button } from '@patternfly/react-core';
import CheckIcon from '@patternfly/react-icons/dist/esm/icons/check-icon';
import CopyIcon from '@patternfly/react-icons/dist/esm/icons/copy-icon';
import { Fragment, useState } from 'react';

import { announce } from '../shell/announce';

/** A text that is parted after its colons where it has no room. */
export const Parted = ({ text }: { text: string }) =>
  text.split(/(?<=:)/).map((part, at) => (
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));

/** A text with a button that copies it. */
export function Copyable({ text, name = text }: { text: string; name?: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        announce('Copied');
      },
      () => announce('The browser did not allow to copy'),
    );
  return (
    <span className="ev-copyable">
      <code className="ev-wrap">
        <Parted text={text} />
      </code>
      <Button
        variant="plain"
        size="sm"
        hasNoPadding
        icon={copied ? <CheckIcon /> : <CopyIcon />}
        aria-label={`Copy ${name}`}
        onClick={() => void copy()}
      />
    </span>
  );
}
