import { Button } from '@patternfly/react-core';
import { useMutation } from '@tanstack/react-query';

import { createSignInLink } from '../../api/keys';
import { useSession } from '../../api/session';
import { ProblemCard } from '../../common/ProblemCard';
import { Time } from '../../common/Time';
import { Shown } from './Shown';

/** Makes a link that signs in once, as the key of this session. */
export function SignInLink() {
  const { principal } = useSession();
  const making = useMutation({ mutationFn: createSignInLink });
  return (
    <>
      <Button variant="secondary" isLoading={making.isPending} onClick={() => making.mutate()}>
        Make a sign-in link
      </Button>
      {making.isError && <ProblemCard error={making.error} />}
      {making.data && (
        <Shown title="A link that signs in once" secret={making.data.url} what="the link" onGone={() => making.reset()}>
          <p>
            Whoever opens it first, before <Time at={making.data.expires_at} />, is signed in with the rights of the
            key <bdi>{principal.name}</bdi> ({principal.roles.join(', ')}).
          </p>
        </Shown>
      )}
    </>
  );
}
