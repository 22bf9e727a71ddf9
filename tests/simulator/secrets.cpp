#include "tests/simulator/secrets.hpp"

#include "tests/simulator/dice.hpp"
#include "tests/simulator/target.hpp"

namespace evidenced::simulator {

std::string public_key(std::uint64_t seed) {
  Dice dice(seed);
  const std::string algorithm = "ssh-ed25519";
  std::string blob{0, 0, 0, static_cast<char>(algorithm.size())};
  blob += algorithm + std::string{0, 0, 0, 32};
  const auto fill = [&](std::size_t size) {
    while (blob.size() < size) blob += static_cast<char>(dice.next());
  };
  fill(21);  // a multiple of three: what follows keeps its spelling in base64
  blob += *decode_base64(canary_key);
  fill(51);
  return algorithm + " " + encode_base64(blob);
}

}  // namespace evidenced::simulator
