import { Label, Tooltip } from '@patternfly/react-core';
import CheckCircleIcon from '@patternfly/react-icons/dist/esm/icons/check-circle-icon';
import ExclamationCircleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-circle-icon';
import ExclamationTriangleIcon from '@patternfly/react-icons/dist/esm/icons/exclamation-triangle-icon';
import OutlinedCircleIcon from '@patternfly/react-icons/dist/esm/icons/outlined-circle-icon';
import SyncAltIcon from '@patternfly/react-icons/dist/esm/icons/sync-alt-icon';

import { sentenceOf } from './format';
import type { Tone, Word } from './status';

const icons = {
  good: <CheckCircleIcon />,
  busy: <SyncAltIcon className="ev-turning" />,
  warning: <ExclamationTriangleIcon />,
  danger: <ExclamationCircleIcon />,
  quiet: <OutlinedCircleIcon />,
};
const statuses = { good: 'success', busy: 'info', warning: 'warning', danger: 'danger', quiet: undefined } as const;

/** A status: icon, word and colour, and what it means on hover and focus. */
export function StatusWord({ word, detail }: { word: Word; detail?: string | null }) {
  return (
    <Tooltip content={detail ? `${word.meaning} ${sentenceOf(detail)}` : word.meaning}>
      <span tabIndex={0} className="ev-status">
        <ToneLabel tone={word.tone}>{word.text}</ToneLabel>
      </span>
    </Tooltip>
  );
}

export function ToneLabel({ tone, children }: { tone: Tone; children: React.ReactNode }) {
  const status = statuses[tone];
  return (
    <Label isCompact variant="outline" icon={icons[tone]} {...(status === undefined ? { color: 'grey' } : { status })}>
      {children}
    </Label>
  );
}
