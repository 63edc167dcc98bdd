// A lamp on a clock of its own: a client is silent for days, and then another one waits.
//
// Prints each line of the console with the hour in which it was said.

#include <UpdatableUnit.h>
#include <stdio.h>

#include <string>

namespace {

class TestPort final : public unit::Port {
 public:
  uint64_t milliseconds = 0;
  int waiting = 0;

  uint32_t now() override { return static_cast<uint32_t>(milliseconds); }
  int typed() override { return -1; }
  void print(const char *bytes, size_t count) override {
    for (size_t index = 0; index < count; index++) {
      if (bytes[index] == '\r') continue;
      if (bytes[index] != '\n') {
        line_ += bytes[index];
        continue;
      }
      if (line_.rfind("Client", 0) == 0) {
        printf("%u: %s\n", static_cast<unsigned>(milliseconds / 3600000), line_.c_str());
      }
      line_.clear();
    }
  }
  void load(uint8_t *bytes, size_t count) override {
    unit::Settings settings;
    snprintf(settings.ssid, sizeof settings.ssid, "iot");
    uint8_t kept[unit::Settings::encodedBytes];
    settings.encode(kept);
    for (size_t index = 0; index < count; index++) bytes[index] = kept[index];
  }
  bool keep(const uint8_t *, size_t) override { return false; }
  void join(const char *, const char *) override {}
  bool isJoined() override { return true; }
  void address(char (&text)[16]) override { snprintf(text, sizeof text, "127.0.9.1"); }
  void announce(const char *, uint16_t) override {}
  void listen(uint16_t) override {}
  bool isAwaited() override { return waiting > 0; }
  bool accept() override {
    if (waiting == 0) return false;
    waiting--;
    return true;
  }
  bool isOpen() override { return true; }
  size_t read(uint8_t *, size_t) override { return 0; }
  size_t write(const uint8_t *, size_t count) override { return count; }
  void stop() override {}
  void restart() override {}

 private:
  std::string line_;
};

class NoLamp final : public unit::Actuator {
 public:
  bool apply(const char *, size_t) override { return true; }
};

/// The first client is silent for so many hours until the second one comes.
void play(unsigned hours) {
  constexpr uint64_t hour = 3600000;
  TestPort port;
  NoLamp lamp;
  unit::UpdatableUnit unit(port, "lamp", lamp);
  unit.begin();
  for (int turn = 0; turn < 20; turn++, port.milliseconds += 100) unit.step();
  port.waiting = 1;
  unit.step();
  for (const uint64_t end = hours * hour; port.milliseconds < end; port.milliseconds += 10000) unit.step();
  port.waiting = 1;
  unit.step();
  unit.step();
}

}  // namespace

int main() {
  for (unsigned days : {1u, 30u, 60u}) play(days * 24);
}
