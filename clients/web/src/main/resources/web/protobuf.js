// The parts of Protobuf-ES that the page needs, from the jar that Maven puts on the server's class path. Maven fills in
// the version, which is pinned in the root pom.
export { create } from "./_static/at/bufbuild/protobuf/${protobuf-es.version}/dist/esm/create.js";
export { fromBinary } from "./_static/at/bufbuild/protobuf/${protobuf-es.version}/dist/esm/from-binary.js";
export { toBinary } from "./_static/at/bufbuild/protobuf/${protobuf-es.version}/dist/esm/to-binary.js";
export { createFileRegistry } from "./_static/at/bufbuild/protobuf/${protobuf-es.version}/dist/esm/registry.js";
export { BinaryReader } from "./_static/at/bufbuild/protobuf/${protobuf-es.version}/dist/esm/wire/binary-encoding.js";
export {
  FileDescriptorSetSchema,
} from "./_static/at/bufbuild/protobuf/${protobuf-es.version}/dist/esm/wkt/gen/google/protobuf/descriptor_pb.js";
