#pragma once

#include <openssl/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace evidenced::test {

/// A certificate and its key, PEM.
struct Identity {
  std::string certificate;
  std::string key;
};

struct CertificateSpec {
  std::vector<std::string> names{};                 ///< DNS names
  std::vector<std::string> addresses{"127.0.0.1"};  ///< IP addresses
  std::chrono::hours from{-1};                      ///< relative to now
  std::chrono::hours until{24};
};

/// A certificate authority that lives as long as a test (P-256 keys).
class Authority {
 public:
  explicit Authority(const char* name = "evidenced test authority");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  Identity issue(const CertificateSpec& spec) const;

  /// The authority's own certificate, PEM: what a client has to trust.
  std::string certificate() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// A certificate that nobody but its own key signed.
Identity self_signed(const CertificateSpec& spec);

}  // namespace evidenced::test
