print('result_processor')
