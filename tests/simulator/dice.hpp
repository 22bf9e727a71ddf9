#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

/// Seeded randomness of a simulated world (SplitMix64): the same seed gives the same world on every
/// machine. Not for secrets.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  /// Uniform in [0, bound); 0 when bound is 0.
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : next() % bound; }

  /// True once in `n` throws.
  bool one_in(std::size_t n) { return below(n) == 0; }

  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

  /// `digits` characters of `alphabet`.
  std::string letters(std::size_t digits, std::string_view alphabet) {
    std::string text;
    text.reserve(digits);
    for (std::size_t i = 0; i < digits; ++i) text += alphabet[below(alphabet.size())];
    return text;
  }
  std::string hex(std::size_t digits) { return letters(digits, "0123456789abcdef"); }

  /// "6f1c2e9a-…": without braces.
  std::string uuid() {
    return hex(8) + "-" + hex(4) + "-4" + hex(3) + "-a" + hex(3) + "-" + hex(12);
  }

 private:
  std::uint64_t state_;
};

}  // namespace evidenced::simulator
