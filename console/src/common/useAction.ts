import { useMutation, useQueryClient } from '@tanstack/react-query';

import { announce } from '../shell/announce';

interface Action<Input, Output> {
  /** Asks the API for it. Throws ApiError. */
  run: (input: Input) => Promise<Output>;
  /** What is said when it is done: "The source is paused". */
  done: (output: Output, input: Input) => string;
  onDone?: (output: Output, input: Input) => void;
}

/** Something that a person does: when it is done all that is shown is asked again, and who listens hears it. */
export function useAction<Input, Output>({ run, done, onDone }: Action<Input, Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: async (output, input) => {
      announce(done(output, input));
      onDone?.(output, input);
      await queries.invalidateQueries();
    },
  });
}
