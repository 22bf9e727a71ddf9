#include "tests/simulator/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace evidenced::simulator {
namespace {

/// Deflates whatever is fed into a gzip stream.
class Writer {
 public:
  explicit Writer(int level) {
    if (deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      throw std::runtime_error("zlib");
  }
  ~Writer() { deflateEnd(&stream_); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void feed(std::string_view bytes, bool last) {
    std::vector<unsigned char> in(bytes.begin(), bytes.end());
    stream_.next_in = in.data();
    stream_.avail_in = static_cast<uInt>(in.size());
    unsigned char block[16384];
    do {
      stream_.next_out = block;
      stream_.avail_out = sizeof block;
      deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      out.append(block, block + (sizeof block - stream_.avail_out));
    } while (stream_.avail_out == 0);
  }
  std::string out;

 private:
  z_stream stream_{};
};

}  // namespace

std::string gzip(std::string_view plain) {
  Writer writer(1);
  writer.feed(plain, true);
  return std::move(writer.out);
}

std::string gzip_bomb(std::uint64_t size) {
  Writer writer(9);
  const std::string zeros(1U << 20U, '0');
  while (size > 0) {
    const std::uint64_t part = std::min<std::uint64_t>(size, zeros.size());
    writer.feed(std::string_view(zeros).substr(0, part), false);
    size -= part;
  }
  writer.feed({}, true);
  return std::move(writer.out);
}

}  // namespace evidenced::simulator
