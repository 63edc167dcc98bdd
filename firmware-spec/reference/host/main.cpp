// Reference firmware as a Linux process.
//
// usage: light-sensor|led-lamp [--address 127.0.0.1] [--port 8888] [--settings FILE] [--ssid NAME] [--association MS]
//                              [--signal uniform|counter|constant:N] [--at-end-of-input stay|exit]
//
// The console is stdin and stdout. --ssid is the network where none is kept. The lamp tells each colour that it shows on stderr.

#include <ReadUnit.h>
#include <UpdatableUnit.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <string>

#include "HostLamp.h"
#include "HostSensor.h"
#include "PosixPort.h"

namespace {

struct Options {
  PosixPort::Options port;
  std::string ssid;
  std::string signal = "uniform";
};

[[noreturn]] void refuse(const std::string &why) {
  fprintf(stderr, "Error: %s; there are --address, --port, --settings, --ssid, --association, --signal and --at-end-of-input\n", why.c_str());
  exit(64);
}

long number(const std::string &option, const char *text, long most) {
  char *end;
  const long value = strtol(text, &end, 10);
  if (*text == 0 || *end != 0 || value < 0 || value > most) {
    refuse(option + " must be from 0 to " + std::to_string(most) + ", not " + text);
  }
  return value;
}

Options read(int count, char **arguments) {
  Options options;
  options.port.arguments = arguments;
  for (int index = 1; index < count; index += 2) {
    const std::string option = arguments[index];
    if (index + 1 == count) refuse(option + " has no value");
    const char *value = arguments[index + 1];
    if (option == "--address") {
      options.port.address = value;
    } else if (option == "--port") {
      options.port.port = static_cast<int>(number(option, value, 65535));
    } else if (option == "--settings") {
      options.port.settings = value;
    } else if (option == "--ssid") {
      options.ssid = value;
    } else if (option == "--association") {
      options.port.association = static_cast<uint32_t>(number(option, value, 3600000));
    } else if (option == "--at-end-of-input") {
      options.port.endsWithInput = strcmp(value, "exit") == 0;
      if (!options.port.endsWithInput && strcmp(value, "stay") != 0) refuse("--at-end-of-input must be stay or exit");
    } else if (option == "--signal") {
      options.signal = value;
    } else {
      refuse(option + " is not known");
    }
  }
  return options;
}

/// Puts a network among the settings where there is none.
void seed(PosixPort &port, const std::string &ssid) {
  uint8_t bytes[unit::Settings::encodedBytes];
  port.load(bytes, sizeof bytes);
  unit::Settings settings;
  if (settings.decode(bytes) && settings.hasNetwork()) return;
  if (ssid.empty()) return;
  if (ssid.size() > unit::Settings::longestName) refuse("--ssid has at most 32 bytes");
  memcpy(settings.ssid, ssid.c_str(), ssid.size() + 1);
  settings.encode(bytes);
  port.keep(bytes, sizeof bytes);
}

template <typename Kind>
[[noreturn]] void run(PosixPort &port, Kind &unit) {
  unit.begin();
  for (;;) {
    unit.step();
    port.rest();
  }
}

}  // namespace

int main(int count, char **arguments) {
  signal(SIGPIPE, SIG_IGN);
  const Options options = read(count, arguments);
  PosixPort port(options.port);
  seed(port, options.ssid);
#ifdef LED_LAMP
  HostLamp pixels;
  unit::UpdatableUnit lamp(port, "led-lamp", pixels);
  run(port, lamp);
#else
  HostSensor sensor;
  if (!sensor.measures(options.signal.c_str())) refuse("--signal must be uniform, counter or constant:N");
  unit::ReadUnit light(port, "light-sensor", sensor);
  run(port, light);
#endif
}
