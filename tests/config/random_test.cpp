// Goal: `below` is uniform for every bound, and the system's generator fills what it is given.
// Method: a scripted generator that hands out chosen words; counts for the system's one.
#include "config/random.hpp"

#include "tests/catch.hpp"

#include <array>
#include <cstring>
#include <deque>
#include <limits>
#include <vector>

namespace {

constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();

class ScriptedRandom final : public evidenced::Random {
 public:
  explicit ScriptedRandom(std::deque<std::uint64_t> words) : words_(std::move(words)) {}
  void fill(std::span<unsigned char> out) override {
    REQUIRE(out.size() == sizeof(std::uint64_t));
    REQUIRE(!words_.empty());
    std::memcpy(out.data(), &words_.front(), out.size());
    words_.pop_front();
  }
  std::size_t left() const { return words_.size(); }

 private:
  std::deque<std::uint64_t> words_;
};

}  // namespace

TEST_CASE("below rejects the words that would favour small results") {
  // 2^64 - 1 = 10 * 1844674407370955161 + 5: the words from ...1610 on are the unfair rest.
  ScriptedRandom random({highest, highest - 5, highest - 6, 7});
  CHECK(random.below(10) == 9);
  CHECK(random.left() == 1);
}

TEST_CASE("below one is zero and below a huge bound stays below it") {
  ScriptedRandom random({12345, highest, highest - 1});
  CHECK(random.below(1) == 0);
  CHECK(random.below(highest) == highest - 1);
}

TEST_CASE("the system's generator reaches every value of a small range about equally often") {
  evidenced::SystemRandom random;
  std::array<int, 8> counts{};
  for (int i = 0; i < 16000; ++i) ++counts.at(random.below(8));
  // 2000 each, standard deviation 42: ten of them are never seen by chance.
  for (const int count : counts) {
    CHECK(count > 1580);
    CHECK(count < 2420);
  }
}

TEST_CASE("the system's generator fills buffers larger than one piece to their end") {
  evidenced::SystemRandom random;
  std::vector<unsigned char> bytes((1 << 20) + 64, 0);
  random.fill(bytes);
  const std::vector<unsigned char> zeros(32, 0);
  CHECK(std::vector<unsigned char>(bytes.end() - 32, bytes.end()) != zeros);
}
