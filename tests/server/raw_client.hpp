#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::server {

/// What came back for one request.
struct Reply {
  int status = 0;  ///< 0: nothing, or no answer
  std::string head;
  std::string body;  ///< chunks joined, without trailers
  std::string trailers;

  /// The value of a field, "" when it is not there.
  std::string field(std::string_view name) const;
};

/// A plain socket that sends exactly what it is told.
class RawClient {
 public:
  /// Connects to 127.0.0.1:`port` from `source`, "127.0.0.x".
  explicit RawClient(unsigned short port, const std::string& source = "127.0.0.1");
  ~RawClient();
  RawClient(RawClient&& other) noexcept;
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  RawClient& operator=(RawClient&&) = delete;

  /// False when the server has gone.
  bool send(std::string_view bytes);

  /// Reads one answer, framed by Content-Length, chunks or the status.
  Reply receive(bool to_head = false);

  /// Everything until the server closes, or `patience` is over.
  std::string drain(std::chrono::milliseconds patience = std::chrono::seconds(5));

  /// Whether the server closes within `patience`; what it says first is thrown away.
  bool closed_within(std::chrono::milliseconds patience);

  void close_sending();
  int descriptor() const { return fd_; }

 private:
  bool fill(std::chrono::milliseconds patience);
  std::string take_line();
  std::string take(std::size_t bytes);

  int fd_ = -1;
  std::string buffer_;
};

/// "GET `target`" with the right Host and whatever `fields` adds ("Name: value\r\n"…).
std::string get(std::string_view target, std::string_view fields = {});
std::string post(std::string_view target, std::string_view body, std::string_view fields = {});

}  // namespace evidenced::server
