// Fuzzes what reads bytes of the outside: the JSON reader, scrubbing, the page parser of every
// stream. Not part of the build; made and run from the root of the repository with
//
//   clang++-19 -std=c++23 -O1 -g -fsanitize=fuzzer,address,undefined -I. \
//     tests/fuzz/json_text_fuzz.cpp
//     connector/bitbucket/{identity,json_*,naming,parse,scrub,streams}.cpp \
//     config/{problem,secret,time,utf8}.cpp storage/{crypto,encoding}.cpp -lcrypto -lfmt -o
//     /tmp/fuzz
//   /tmp/fuzz -max_len=4096 CORPUS tests/fixtures
#include "connector/bitbucket/json_text.hpp"
#include "connector/bitbucket/parse.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace evidenced::connector::bitbucket;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = read_json(text);
  if (!value) return 0;
  const std::string once = canonical(*value);
  const auto again = read_json(once);
  if (!again || canonical(*again) != once) std::abort();
  for (const Stream& stream : streams()) {
    for (std::size_t leg = 0; leg < stream.paths.size(); ++leg) {
      const auto page = parse_page(stream, leg, {}, text);
      if (!page) continue;
      for (const auto& artifact : page->artifacts) {
        if (artifact.upstream_id.empty() || !read_json(artifact.content)) std::abort();
        partition_of(stream.name, artifact.content);
      }
    }
  }
  return 0;
}
