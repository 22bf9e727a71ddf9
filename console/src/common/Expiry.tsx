import { Tooltip } from '@patternfly/react-core';

import { localText, utcText } from './format';
import { daysText, expiryTone } from './status';
import { ToneLabel } from './StatusWord';

interface ExpiryProperties {
  at: string | null;
  daysLeft: number | null;
  source?: string | null;
  /** Bitbucket does not take it any more, whatever its day. */
  refused?: boolean;
}

/** When a credential expires: days left, and the day on hover. An assumed day says so. */
export function Expiry({ at, daysLeft, source, refused = false }: ExpiryProperties) {
  const label = refused ? (
    <ToneLabel tone="danger">refused</ToneLabel>
  ) : (
    <ToneLabel tone={expiryTone(daysLeft)}>
      {daysText(daysLeft)}
      {source === 'assumed' && ' (assumed)'}
    </ToneLabel>
  );
  if (at === null && refused) return label;
  if (at === null) return <span className="ev-quiet">not known</span>;
  const assumed = source === 'assumed';
  const day = new Date(at);
  return (
    <Tooltip
      content={
        <>
          {refused && <div>Bitbucket refuses it, whatever its day:</div>}
          <div>{utcText(day)}</div>
          <div>{localText(day)}</div>
          {assumed && <div>Nobody told the day: it is assumed from what Bitbucket allows at most.</div>}
        </>
      }
    >
      <span tabIndex={0} className="ev-status">
        {label}
      </span>
    </Tooltip>
  );
}
