import { fastifySwagger } from '@fastify/swagger';
import { fastifySwaggerUi } from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { decisionSchema, errorSchema, requestSchema, ruleSchema, setSchema } from './schemas.ts';

const description = `Who may do what on which resource, decided by the policy that the service has loaded.

Every answer names its policy in the header \`Postern-Revision\`. An error has the body \`{"error": {"status", "message"}}\`;
whoever gets one denies.

With a store every answer says in \`Postern-Token\` how new it is, and a request may say in \`Postern-Consistency\` how new it has to
be: \`latest\`, \`at-least TOKEN\` or \`exactly TOKEN\`.`;

/**
 * The OpenAPI document at \`/openapi.json\`, made from the schemas that validate, and a page that shows it at \`/docs\`.
 * Call it on the server itself, before routes are added: schemas that are shared belong to all of them.
 */
export function describeInOpenApi(app: FastifyInstance): void {
  for (const schema of [errorSchema, ruleSchema, decisionSchema, requestSchema, setSchema])
    app.addSchema(schema);
  void app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Postern', version: '1', description },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
    },
    refResolver: { buildLocalReference: (schema, _base, _fragment, i) => String(schema.$id ?? `def-${i}`) },
  });
  void app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    // Nothing from elsewhere, and no upgrade to HTTPS: the service may well speak plain HTTP.
    staticCSP:
      "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    uiConfig: { deepLinking: true, docExpansion: 'list', operationsSorter: 'alpha' },
    // The bar is for looking at documents of others, which the page may not load. By its id: styles of the page outweigh a class.
    theme: {
      title: 'Postern API',
      css: [{ filename: 'postern.css', content: '#swagger-ui .topbar { display: none }' }],
    },
  });
  void app.register(async (scope) => {
    scope.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
  });
}
