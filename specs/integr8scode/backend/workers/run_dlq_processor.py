print('dlq_processor')
