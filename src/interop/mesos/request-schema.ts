/**
 * JSON Schemas (draft 7) of a request to the authorizer: the plain mirror of Mesos' protobuf messages, as far as an action
 * reads them. `null` is absent; fields that no action reads may hold anything.
 */
const text = { type: ['string', 'null'] };

const definitions = {
  command: message({ user: text }),
  labels: {
    type: ['array', 'null'],
    items: message({ key: text, value: text }),
  },
  container_id: message({ value: text, parent: { $ref: '#/definitions/container_id' } }),
  executor: message({ command: { $ref: '#/definitions/command' } }),
  task_info: message({
    command: { $ref: '#/definitions/command' },
    executor: { $ref: '#/definitions/executor' },
  }),
  framework_info: message({
    user: text,
    principal: text,
    role: text,
    roles: { type: ['array', 'null'], items: text },
    capabilities: { type: ['array', 'null'], items: message({ type: text }) },
  }),
  resource: message({
    role: text,
    reservation: message({ principal: text }),
    reservations: { type: ['array', 'null'], items: message({ role: text, principal: text }) },
    disk: message({ persistence: message({ principal: text }) }),
  }),
  subject: message({ value: text, claims: message({ labels: { $ref: '#/definitions/labels' } }) }),
  object: message({
    value: text,
    framework_info: { $ref: '#/definitions/framework_info' },
    task: message({ user: text }),
    task_info: { $ref: '#/definitions/task_info' },
    executor_info: { $ref: '#/definitions/executor' },
    quota_info: message({ role: text }),
    weight_info: message({ role: text }),
    resource: { $ref: '#/definitions/resource' },
    command_info: { $ref: '#/definitions/command' },
    container_id: { $ref: '#/definitions/container_id' },
    machine_id: message({}),
  }),
};

export const subjectSchema = { $ref: '#/definitions/subject', definitions };
export const objectSchema = { $ref: '#/definitions/object', definitions };

function message(properties: Readonly<Record<string, object>>): object {
  return { type: ['object', 'null'], properties };
}
