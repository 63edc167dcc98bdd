import Testing

@Test func placeholderClientSim() {}
