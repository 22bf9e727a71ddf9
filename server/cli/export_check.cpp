#include "server/cli/export_check.hpp"

#include "server/cli/json_view.hpp"

#include <fmt/format.h>

namespace evidenced::cli {
namespace {

/// The value of a Content-Digest field (RFC 9530): `sha-256=:<base64>:`.
std::string digest_field(const storage::Digest& digest) {
  const std::string bytes(digest.begin(), digest.end());
  return "sha-256=:" + storage::to_base64(bytes) + ":";
}

std::string compare(std::string_view what, std::string_view announced, std::string_view found) {
  if (announced == found) return "";
  if (announced.empty()) return fmt::format("the {} is missing: the export was cut off", what);
  return fmt::format("the {} announced is {}, what arrived has {}", what, announced, found);
}

}  // namespace

void NdjsonCheck::feed(std::string_view bytes) {
  whole_.update(bytes);
  while (!bytes.empty()) {
    if (last_line_.ends_with('\n')) {  // another line follows: that one was an item
      hash_.update(last_line_);
      ++items_;
      last_line_.clear();
    }
    const std::size_t end = std::min(bytes.find('\n'), bytes.size() - 1) + 1;
    last_line_ += bytes.substr(0, end);
    bytes.remove_prefix(end);
  }
}

std::string NdjsonCheck::verdict(std::string_view count, std::string_view digest) {
  const Result<JsonText> trailer = connector::bitbucket::read_json(last_line_);
  if (!trailer) return "the last line is no trailer: the export was cut off";
  const std::string found = std::to_string(items_);
  std::string wrong = compare("count", shown(at_path(*trailer, "trailer.count")), found);
  if (!wrong.empty()) return wrong;
  const std::string sha256 = storage::to_hex(hash_.finish());
  wrong = compare("SHA-256", shown(at_path(*trailer, "trailer.sha256")), sha256);
  if (wrong.empty() && !count.empty()) wrong = compare("Evidenced-Count", count, found);
  if (wrong.empty() && !digest.empty()) {
    wrong = compare("Content-Digest", digest, digest_field(whole_.finish()));
  }
  return wrong;
}

void CsvCheck::feed(std::string_view bytes) {
  hash_.update(bytes);
  for (const char c : bytes) {
    if (c == '"') quoted_ = !quoted_;  // a doubled quote switches twice
    if (c == '\n' && !quoted_) ++records_;
  }
}

std::string CsvCheck::verdict(std::string_view count, std::string_view digest) {
  const std::string wrong = compare("Evidenced-Count", count, std::to_string(items()));
  if (!wrong.empty()) return wrong;
  return compare("Content-Digest", digest, digest_field(hash_.finish()));
}

}  // namespace evidenced::cli
