import { ExpandableSection } from '@patternfly/react-core';

import { curlOf } from '../../common/commands';
import { Copyable } from '../../common/Copyable';
import { type Draft, shownCommand, shownInput } from './draft';

/** What is done here, as a command and as a request: for those who would rather script it. */
export function SameElsewhere({ draft }: { draft: Draft }) {
  return (
    <ExpandableSection toggleText="The same as a command and as a request" className="ev-part">
      <p>
        <Copyable text={shownCommand(draft)} name="the command" />
      </p>
      <p>
        <Copyable text={curlOf('/v1/sources', 'POST', shownInput(draft))} name="the request" />
      </p>
    </ExpandableSection>
  );
}
