#include "config/random.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <limits>

namespace evidenced {

std::uint64_t Random::below(std::uint64_t bound) {
  // The highest multiple of bound that fits: what lies above would favour small results.
  const std::uint64_t limit = std::numeric_limits<std::uint64_t>::max() / bound * bound;
  while (true) {
    std::array<unsigned char, sizeof(std::uint64_t)> bytes{};
    fill(bytes);
    const auto value = std::bit_cast<std::uint64_t>(bytes);
    if (value < limit) return value % bound;
  }
}

void SystemRandom::fill(std::span<unsigned char> out) {
  constexpr std::size_t piece_size = 1 << 20;  // RAND_bytes counts in int
  while (!out.empty()) {
    const std::size_t size = std::min(out.size(), piece_size);
    if (RAND_bytes(out.data(), static_cast<int>(size)) != 1) std::abort();
    out = out.subspan(size);
  }
}

}  // namespace evidenced
