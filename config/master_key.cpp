#include "config/master_key.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace evidenced {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t encoded_size = 44;

/// A file descriptor that closes itself.
class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NONBLOCK, mode)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

std::string credential_path() {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  return folder == nullptr || *folder == '\0' ? "" : std::string(folder) + "/master-key";
}

Result<void> check_access(const std::string& path, int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    return fail("key.missing", path + " is not a regular file");
  }
  const unsigned mode = status.st_mode & 07777U;
  if ((mode & 0177U) != 0) {
    return fail("key.mode", fmt::format("{} has mode {:04o}: chmod 0400 {}", path, mode, path));
  }
  if (status.st_uid != ::geteuid() && status.st_uid != 0) {
    return fail("key.mode", fmt::format("{} belongs to user {}, the daemon runs as user {}", path,
                                        status.st_uid, ::geteuid()));
  }
  return {};
}

/// The 32 bytes behind 44 characters of base64 (RFC 4648 section 4); nothing when it is another
/// form.
Secret decode(std::string_view text) {
  const auto is_digit = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
  };
  const bool well_formed = text.size() == encoded_size && text.back() == '=' &&
                           std::ranges::all_of(text.substr(0, encoded_size - 1), is_digit);
  if (!well_formed) return {};
  std::array<unsigned char, encoded_size> input{};
  std::ranges::copy(text, input.begin());
  std::array<unsigned char, key_size + 1> bytes{};  // one more: decoding rounds up to threes
  const int size = EVP_DecodeBlock(bytes.data(), input.data(), encoded_size);
  Secret key;
  if (size == static_cast<int>(bytes.size())) {
    key = Secret(std::string(bytes.begin(), bytes.begin() + key_size));
  }
  OPENSSL_cleanse(bytes.data(), bytes.size());
  OPENSSL_cleanse(input.data(), input.size());
  return key;
}

Result<Secret> read_key(const std::string& path, int fd) {
  std::array<char, 256> buffer{};
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  std::string_view text(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  constexpr std::string_view blanks = " \t\r\n";
  while (!text.empty() && blanks.contains(text.back())) text.remove_suffix(1);
  while (!text.empty() && blanks.contains(text.front())) text.remove_prefix(1);
  Secret key = decode(text);
  OPENSSL_cleanse(buffer.data(), buffer.size());
  if (key.empty()) return fail("key.invalid", path + " does not hold 32 bytes in base64");
  return key;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

std::string master_key_path(const Settings& settings) {
  return settings.master_key_file.empty() ? credential_path() : settings.master_key_file;
}

Result<Secret> load_master_key(const Settings& settings) {
  const std::string path = master_key_path(settings);
  if (path.empty()) return fail("key.missing", "no master_key_file and no systemd credential");
  const File file(path, O_RDONLY);
  if (!file.ok()) return fail("key.missing", fmt::format("{}: {}", path, std::strerror(errno)));
  if (!settings.master_key_file.empty()) {
    const Result<void> checked = check_access(path, file.fd());
    if (!checked) return fail(checked);
  }
  return read_key(path, file.fd());
}

Result<void> create_master_key(const std::string& path, Random& random) {
  const File file(path, O_WRONLY | O_CREAT | O_EXCL, 0400);
  if (!file.ok() && errno == EEXIST) return fail("storage.exists", path);
  if (!file.ok()) {
    return fail("storage.not_writable", fmt::format("{}: {}", path, std::strerror(errno)));
  }
  std::array<unsigned char, key_size> bytes{};
  random.fill(bytes);
  std::array<unsigned char, encoded_size + 1> text{};  // one more: the encoder ends it with a zero
  EVP_EncodeBlock(text.data(), bytes.data(), key_size);
  text.back() = '\n';
  const auto* characters = reinterpret_cast<const char*>(text.data());
  const bool written = write_all(file.fd(), {characters, text.size()}) && ::fsync(file.fd()) == 0;
  OPENSSL_cleanse(bytes.data(), bytes.size());
  OPENSSL_cleanse(text.data(), text.size());
  if (!written) {
    const int failure = errno;
    ::unlink(path.c_str());
    return fail("storage.not_writable", fmt::format("{}: {}", path, std::strerror(failure)));
  }
  return {};
}

}  // namespace evidenced
