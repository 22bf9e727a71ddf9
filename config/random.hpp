#pragma once

#include <cstdint>
#include <span>

namespace evidenced {

/// Randomness, injectable. Keys, nonces and ids come from `SystemRandom`; tests give a seeded one.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<unsigned char> out) = 0;

  /// Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
};

/// The operating system's generator through OpenSSL (CSPRNG). Thread-safe. Aborts when the system
/// gives none.
class SystemRandom final : public Random {
 public:
  void fill(std::span<unsigned char> out) override;
};

}  // namespace evidenced
