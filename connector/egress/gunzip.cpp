#include "connector/egress/gunzip.hpp"

#include <zlib.h>

#include <array>
#include <memory>

namespace evidenced::connector {
namespace {

constexpr std::size_t step = 64 * 1024;
constexpr int gzip_only = 15 + 16;  // zlib.h: largest window, gzip header and checksum demanded

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

}  // namespace

Result<std::string> gunzip(std::string_view input, GunzipLimits limits) {
  z_stream stream{};
  if (inflateInit2(&stream, gzip_only) != Z_OK)
    return fail("internal.error", "zlib cannot be initialised");
  const std::unique_ptr<z_stream, EndInflate> end(&stream);
  // zlib takes its input as non-const and does not write to it.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
  stream.avail_in = static_cast<uInt>(input.size());

  std::string output;
  std::array<char, step> buffer;
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = inflate(&stream, Z_NO_FLUSH);
    const std::size_t made = buffer.size() - stream.avail_out;
    if (output.size() + made > limits.output)
      return fail("upstream.oversized", "the decompressed body is larger than the limit");
    output.append(buffer.data(), made);
    if (output.size() > step && output.size() / limits.ratio > input.size())
      return fail("upstream.oversized", "the body grows too much when it is decompressed");
  }
  if (status == Z_BUF_ERROR) return fail("upstream.truncated", "the gzip stream ends early");
  if (status != Z_STREAM_END) return fail("upstream.malformed", "the gzip stream is damaged");
  if (stream.avail_in != 0) return fail("upstream.malformed", "bytes follow the gzip stream");
  return output;
}

}  // namespace evidenced::connector
