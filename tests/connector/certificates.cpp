#include "tests/connector/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace evidenced::test {
namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

void must(bool success) {
  if (!success) throw std::runtime_error("OpenSSL cannot make a certificate");
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  must(key != nullptr);
  return key;
}

void add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  must(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void set_name(X509* certificate, const char* name) {
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
}

Certificate make_certificate(const char* name, const Key& key, const CertificateSpec& spec) {
  static long serial = 1;
  Certificate certificate(X509_new());
  must(certificate != nullptr);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), std::chrono::seconds(spec.from).count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), std::chrono::seconds(spec.until).count());
  X509_set_pubkey(certificate.get(), key.get());
  set_name(certificate.get(), name);
  return certificate;
}

Certificate make_leaf(const Key& key, const CertificateSpec& spec) {
  Certificate certificate = make_certificate("evidenced test server", key, spec);
  std::string alternatives;
  for (const std::string& dns : spec.names) alternatives += ",DNS:" + dns;
  for (const std::string& address : spec.addresses) alternatives += ",IP:" + address;
  add_extension(certificate.get(), NID_subject_alt_name, alternatives.substr(1));
  return certificate;
}

void sign(const Certificate& certificate, const X509_NAME* issuer, const Key& key) {
  X509_set_issuer_name(certificate.get(), issuer);
  must(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);
}

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem(const Certificate& certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(bio.get(), certificate.get()) == 1);
  return text_of(bio);
}

std::string pem(const Key& key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio);
}

}  // namespace

struct Authority::State {
  Key key;
  Certificate certificate;
};

Authority::Authority(const char* name) : state_(std::make_unique<State>()) {
  state_->key = make_key();
  state_->certificate = make_certificate(name, state_->key, {});
  X509* certificate = state_->certificate.get();
  add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, NID_key_usage, "critical,keyCertSign");
  sign(state_->certificate, X509_get_subject_name(certificate), state_->key);
}

Authority::~Authority() = default;

Identity Authority::issue(const CertificateSpec& spec) const {
  const Key key = make_key();
  const Certificate leaf = make_leaf(key, spec);
  sign(leaf, X509_get_subject_name(state_->certificate.get()), state_->key);
  return {pem(leaf), pem(key)};
}

std::string Authority::certificate() const {
  return pem(state_->certificate);
}

Identity self_signed(const CertificateSpec& spec) {
  const Key key = make_key();
  const Certificate leaf = make_leaf(key, spec);
  sign(leaf, X509_get_subject_name(leaf.get()), key);
  return {pem(leaf), pem(key)};
}

}  // namespace evidenced::test
