print('saga_orchestrator')
