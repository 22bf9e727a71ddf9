import {
  Button,
  EmptyState,
  EmptyStateActions,
  EmptyStateBody,
  EmptyStateFooter,
} from '@patternfly/react-core';
import type { ReactNode } from 'react';

import { useSession } from '../api/session';
import { Time } from './Time';

interface NothingProperties {
  title: string;
  /** Why there is nothing, where no filter is set. */
  children?: ReactNode;
  /** Set where filters may have left it out. */
  onClear?: (() => void) | undefined;
}

/** There is nothing to show, and why: filters, the window of the key, or what the page says. */
export function Nothing({ title, children, onClear }: NothingProperties) {
  const { window } = useSession().principal;
  return (
    <EmptyState titleText={title} headingLevel="h2" variant="sm">
      <EmptyStateBody>
        {onClear === undefined ? children : 'Nothing passes the filters.'}
        {window !== null && (
          <div>
            The key of this session sees <Time at={window.from} none="everything" /> to{' '}
            <Time at={window.to} none="now" /> only.
          </div>
        )}
      </EmptyStateBody>
      {onClear !== undefined && (
        <EmptyStateFooter>
          <EmptyStateActions>
            <Button variant="link" onClick={onClear}>
              Clear filters
            </Button>
          </EmptyStateActions>
        </EmptyStateFooter>
      )}
    </EmptyState>
  );
}
