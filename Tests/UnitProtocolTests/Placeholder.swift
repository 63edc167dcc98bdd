import Testing

@Test func placeholderUnitProtocol() {}
