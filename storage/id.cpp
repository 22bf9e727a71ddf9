#include "storage/id.hpp"

#include <cstdint>

namespace evidenced::storage {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

std::string new_id(std::string_view prefix, Timestamp now, Random& random) {
  return IdSequence(prefix, now, random).next();
}

IdSequence::IdSequence(std::string_view prefix, Timestamp now, Random& random)
    : prefix_(prefix), now_(now) {
  random.fill(tail_);
  // The top bit stays free, so that counting up cannot run over.
  tail_[0] &= 0x7f;
}

std::string IdSequence::next() {
  std::string id = prefix_ + '_';
  auto milliseconds = static_cast<std::uint64_t>(now_.time_since_epoch().count());
  for (int shift = 45; shift >= 0; shift -= 5) id += alphabet[(milliseconds >> shift) & 31];
  for (int half = 0; half < 10; half += 5) {
    std::uint64_t bits = 0;
    for (int i = half; i < half + 5; ++i) bits = bits << 8 | tail_[static_cast<std::size_t>(i)];
    for (int shift = 35; shift >= 0; shift -= 5) id += alphabet[(bits >> shift) & 31];
  }
  for (auto byte = tail_.rbegin(); byte != tail_.rend(); ++byte) {
    if (++*byte != 0) break;
  }
  return id;
}

}  // namespace evidenced::storage
