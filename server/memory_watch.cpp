#include "server/memory_watch.hpp"

#include <malloc.h>
#include <unistd.h>

#include <fstream>

namespace evidenced::server {

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  statm >> all >> resident;
  return statm ? resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

bool memory_is_short(std::size_t budget) {
  const std::size_t mark = budget / 10 * 9;
  if (resident_bytes() <= mark) return false;
  malloc_trim(0);
  return resident_bytes() > mark;
}

}  // namespace evidenced::server
