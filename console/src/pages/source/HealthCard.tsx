import { Alert, AlertActionLink, List, ListItem } from '@patternfly/react-core';
import { useNavigate } from 'react-router';

import type { Source } from '../../api/queries';
import { adviceOf } from './advice';

/** What is wrong with a source and what to do: nothing where nothing is. */
export function HealthCard({ source }: { source: Source }) {
  const navigate = useNavigate();
  const advice = adviceOf(source);
  if (advice === null) return null;
  return (
    <Alert
      component="h2"
      isInline
      className="ev-problem"
      variant={advice.tone}
      title={advice.title}
      data-advice={advice.id}
      actionLinks={
        advice.action && (
          <AlertActionLink onClick={() => void navigate(`/sources/${source.id}/${advice.action?.tab ?? ''}`)}>
            {advice.action.name}
          </AlertActionLink>
        )
      }
    >
      <List>
        {advice.steps.map((step) => (
          <ListItem key={step}>{step}</ListItem>
        ))}
      </List>
    </Alert>
  );
}
