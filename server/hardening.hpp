#pragma once

namespace evidenced::server {

/// Makes the process one that leaks little: no core file and not readable by others of the same
/// user (PR_SET_DUMPABLE, RLIMIT_CORE), files for the owner alone (umask 077), writing to a closed
/// socket an error and no signal, and an allocator that does not trim and grow the heap with every
/// answer. Call first, before there is a secret or a thread.
void harden_process();

}  // namespace evidenced::server
