#include "storage/id.hpp"

#include "storage/crypto.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace evidenced::storage {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void append_base32(std::string& text, std::uint64_t bits, int digits) {
  for (int shift = (digits - 1) * 5; shift >= 0; shift -= 5) text += alphabet[bits >> shift & 31];
}

/// Adds one to the number that the digits at the end of `text` are.
void count_up(std::string& text) {
  for (auto digit = text.rbegin(); digit != text.rend() && *digit != '_'; ++digit) {
    std::size_t value = alphabet.find(*digit) + 1;
    *digit = alphabet[value % alphabet.size()];
    if (value < alphabet.size()) return;
  }
}

}  // namespace

std::string first_id_at(std::string_view prefix, Timestamp time) {
  std::string id(prefix);
  id += '_';
  append_base32(id, static_cast<std::uint64_t>(time.time_since_epoch().count()), 10);
  return id;
}

std::string new_id(std::string_view prefix, Timestamp now, Random& random) {
  std::string id = first_id_at(prefix, now);
  std::array<unsigned char, 10> tail{};
  random.fill(tail);
  for (std::size_t half = 0; half < tail.size(); half += 5) {
    std::uint64_t bits = 0;
    for (std::size_t i = half; i < half + 5; ++i) bits = bits << 8 | tail[i];
    append_base32(id, bits, 8);
  }
  return id;
}

std::string new_secret(Random& random) {
  Key bits{};
  random.fill(bits);
  return to_hex(bits);
}

IdSequence::IdSequence(std::string_view prefix, Timestamp now, std::string_view after,
                       Random& random)
    : last_(std::max(new_id(prefix, now, random), std::string(after))) {}

std::string IdSequence::next() {
  count_up(last_);
  return last_;
}

}  // namespace evidenced::storage
