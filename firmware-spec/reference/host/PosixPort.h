#pragma once

#include <Port.h>

#include <string>

/// A unit's machine: a Linux process whose console is stdin and stdout, whose network is an address of this machine, and whose
/// flash is a file.
class PosixPort final : public unit::Port {
 public:
  struct Options {
    /// On which the unit listens.
    std::string address = "127.0.0.1";
    /// Instead of the one that units have; 0: one that is free, which stderr names.
    int port = -1;
    /// Where settings are kept; empty: nowhere.
    std::string settings;
    /// How long the network takes to be joined, in milliseconds.
    uint32_t association = 0;
    /// Whether the process ends with its console's input, so that it does not outlive who has started it.
    bool endsWithInput = false;
    char **arguments = nullptr;
  };

  explicit PosixPort(const Options &options);

  /// Waits until something may have happened, at most 10 ms.
  void rest();

  uint32_t now() override;
  int typed() override;
  void print(const char *bytes, size_t count) override;
  void load(uint8_t *bytes, size_t count) override;
  bool keep(const uint8_t *bytes, size_t count) override;
  void join(const char *ssid, const char *password) override;
  bool isJoined() override;
  void address(char (&text)[16]) override;
  void announce(const char *kind, uint16_t port) override;
  void listen(uint16_t port) override;
  bool isAwaited() override;
  bool accept() override;
  bool isOpen() override;
  size_t read(uint8_t *bytes, size_t most) override;
  size_t write(const uint8_t *bytes, size_t count) override;
  void stop() override;
  [[noreturn]] void restart() override;

 private:
  Options options_;
  std::string kept_;
  uint32_t joinedAt_ = 0;
  bool isJoining_ = false;
  bool isTyping_ = true;
  int listener_ = -1;
  int client_ = -1;
};
