/** The 54 tests of the official suite (ets-ogcapi-processes10 1.3), by the names that it gives them. */

const classes: Readonly<Record<string, string>> = {
  GeneralHttp: 'testHttp',
  LandingPage: 'testLandingPageRetrieval testLandingPageValidation',
  Conformance: 'testValidateConformanceOperationAndResponse',
  ProcessList:
    'testPlLimitDefinition testPlLimitResponse testPlLinks testProcessList testProcessListSuccess',
  Process: 'testProcess testProcessSuccess testProcessExceptionNoSuchProcess',
  Jobs: `testJobCreationAutoExecutionMode testJobCreationDefaultExecutionMode testJobCreationDefaultOutputs
    testJobCreationInputArray testJobCreationInputInline testJobCreationInputInlineBbox testJobCreationInputInlineBinary
    testJobCreationInputInlineMixed testJobCreationInputInlineObject testJobCreationInputRef testJobCreationInputs
    testJobCreationInputValidation testJobCreationOp testJobCreationRequest testJobCreationSuccessAsync
    testJobCreationSyncDocument testJobCreationSyncRawMixedMulti testJobCreationSyncRawRef
    testJobCreationSyncRawValueMulti testJobCreationSyncRawValueOne testJobExceptionNoSuchJob testJobOp testJobResults
    testJobResultsAsyncDocument testJobResultsAsyncRawMixedMulti testJobResultsAsyncRawRef
    testJobResultsAsyncRawValueMulti testJobResultsAsyncRawValueOne testJobResultsExceptionResultsNotReady
    testJobResultsFailed testJobResultsNoSuchJob testJobResultsSync testJobSuccess`,
  OGCProcessDescription: `testOGCProcessDescriptionJSON testOGCProcessDescriptionInputsDef
    testOGCProcessDescriptionInputDef testOGCProcessDescriptionInputDefinitionOfMixedType
    testOGCProcessDescriptionOutputsDef testOGCProcessDescriptionOutputDef
    testOGCProcessDescriptionOutputDefinitionOfMixedType`,
  JobList: 'testJobList testJobListSuccess',
};

/** `Jobs.testJobOp` and so on, by class. */
export const suitePoints: readonly string[] = Object.entries(classes).flatMap(([name, methods]) =>
  methods.split(/\s+/).map((method) => `${name}.${method}`),
);
