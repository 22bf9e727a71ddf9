#include "server/hardening.hpp"

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

namespace evidenced::server {
namespace {

// Answers of some 100 KB come and go all the time: they stay in the heap, and the heap keeps its
// top.
constexpr int mmap_threshold = 4 * 1024 * 1024;
constexpr int trim_threshold = 16 * 1024 * 1024;
constexpr int top_pad = 256 * 1024;
constexpr int arenas = 2;

}  // namespace

void harden_process() {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  setrlimit(RLIMIT_CORE, &none);
  umask(077);
  std::signal(SIGPIPE, SIG_IGN);
  mallopt(M_MMAP_THRESHOLD, mmap_threshold);
  mallopt(M_TRIM_THRESHOLD, trim_threshold);
  mallopt(M_TOP_PAD, top_pad);
  mallopt(M_ARENA_MAX, arenas);
}

}  // namespace evidenced::server
